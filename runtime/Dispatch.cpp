#include "runtime/Dispatch.h"

#include "runtime/Cpu.h"
#include "runtime/Status.h"

#include <cstdlib>
#include <cstring>

using namespace heed;

namespace {

/// HEED_TARGET, or NULL where it is unset or empty.
const char *forcedTarget() {
  const char *target = getenv("HEED_TARGET");
  return target && *target ? target : nullptr;
}

bool isAllowed(const heed_variant &variant, const char *forced) {
  return !forced || strcmp(variant.target, forced) == 0;
}

/// Tensors are all in one place.
bool isWhere(const heed_kernel &kernel, const heed_variant &variant, const Arguments &arguments) {
  return !kernel.argument_count || variant.device == arguments.tensors[0].device;
}

bool runsHere(const heed_variant &variant) {
  return (cpuFeatures() & variant.features) == variant.features;
}

/// What `range` bounds; no product of extents overflows 64 bits.
int64_t bounded(const heed_range &range, const Arguments &arguments) {
  return arguments.extent(range.a) * arguments.extent(range.b);
}

/// The first range that `arguments` are outside of, or NULL.
const heed_range *brokenRange(const heed_variant &variant, const Arguments &arguments) {
  for (uint32_t i = 0; i < variant.range_count; ++i) {
    const heed_range &range = variant.ranges[i];
    int64_t extent = bounded(range, arguments);
    if (extent < range.low || extent > range.high)
      return &range;
  }
  return nullptr;
}

/// The kernel's targets, each once.
Text targetNames(const heed_kernel &kernel) {
  Text names;
  for (uint32_t i = 0; i < kernel.variant_count; ++i) {
    const char *target = kernel.variants[i].target;
    bool isNew = true;
    for (uint32_t j = 0; j < i; ++j)
      isNew &= strcmp(kernel.variants[j].target, target) != 0;
    if (isNew)
      names.add(i ? ", %s" : "%s", target);
  }
  return names;
}

/// "queries", "batch * heads", "batch * 12"
Text rangeName(const heed_kernel &kernel, const heed_range &range) {
  Text name;
  name.add("%s", kernel.symbols[-range.a - 1]);
  if (range.b < 0)
    name.add(" * %s", kernel.symbols[-range.b - 1]);
  else if (range.b != 1)
    name.add(" * %lld", (long long)range.b);
  return name;
}

/// Says which of the conditions no variant meets.
heed_status explain(const heed_kernel &kernel, const Arguments &arguments, const char *forced) {
  const char *setting = forced ? "HEED_TARGET is '" : "";
  const char *name = forced ? forced : "", *close = forced ? "', but " : "";
  const heed_variant *named = nullptr, *allowed = nullptr, *runnable = nullptr;
  for (uint32_t i = kernel.variant_count; i-- > 0;) {
    const heed_variant &variant = kernel.variants[i];
    if (!isAllowed(variant, forced))
      continue;
    named = &variant;
    if (!isWhere(kernel, variant, arguments))
      continue;
    allowed = &variant;
    if (runsHere(variant))
      runnable = &variant;
  }
  if (named && !allowed)
    return fail(HEED_WRONG_DEVICE, "%s: %s%s%s%s runs on tensors in another place than these",
                kernel.name, setting, name, close, named->target);
  if (!allowed)
    return fail(HEED_NO_VARIANT, "%s: %s%s%sthe library holds: %s", kernel.name, setting, name,
                close, targetNames(kernel).str());
  if (!runnable)
    return fail(HEED_NO_VARIANT, "%s: %s%s%sthis CPU runs %s at best; the library holds: %s",
                kernel.name, setting, name, close,
                *heed_host_target() ? heed_host_target() : "none of heedc's targets",
                targetNames(kernel).str());
  const heed_range &range = *brokenRange(*runnable, arguments);
  return fail(HEED_NO_VARIANT,
              "%s: %s%s%sno variant takes these extents: %s is %lld, %s takes %lld to %lld",
              kernel.name, setting, name, close, rangeName(kernel, range).str(),
              (long long)bounded(range, arguments), runnable->target, (long long)range.low,
              (long long)range.high);
}

} // namespace

heed_status heed::chooseVariant(const heed_kernel &kernel, const Arguments &arguments,
                                const heed_variant *&chosen) {
  const char *forced = forcedTarget();
  for (uint32_t i = 0; i < kernel.variant_count; ++i) {
    const heed_variant &variant = kernel.variants[i];
    if (isAllowed(variant, forced) && isWhere(kernel, variant, arguments) && runsHere(variant) &&
        !brokenRange(variant, arguments)) {
      chosen = &variant;
      return HEED_OK;
    }
  }
  return explain(kernel, arguments, forced);
}
