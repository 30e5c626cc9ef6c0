#include "tests/property/Shrink.h"

#include <optional>

namespace heed::property {
namespace {

constexpr int mostTrials = 60;

// Sets `field` to `value` in a copy; nothing if that changes nothing.
template <typename Pick, typename T>
void offer(std::vector<Case> &list, const Case &c, Pick pick, T value) {
  Case simpler = c;
  auto &field = pick(simpler);
  if (field == value)
    return;
  field = value;
  list.push_back(std::move(simpler));
}

// A number: the least, half of it, one less.
template <typename Pick>
void offerLess(std::vector<Case> &list, const Case &c, Pick pick, int least) {
  Case copy = c;
  int value = pick(copy);
  for (int less : {least, value / 2, value - 1})
    if (less >= least && less < value)
      offer(list, c, pick, less);
}

// Stages that there are no more.
void dropLateScores(Description &d) {
  std::erase_if(d.results, [&](const Result &result) {
    return result.kind == Result::Scores && result.stage >= d.stages();
  });
}

template <typename Pick> void offerWithout(std::vector<Case> &list, const Case &c, Pick pick) {
  Case copy = c;
  for (size_t i = 0; i < pick(copy).size(); i++) {
    Case simpler = c;
    pick(simpler).erase(pick(simpler).begin() + ptrdiff_t(i));
    dropLateScores(simpler.description);
    list.push_back(std::move(simpler));
  }
}

// What `change` makes of the description; nothing if its text stays.
template <typename Change>
void offerChanged(std::vector<Case> &list, const Case &c, Change change) {
  Case simpler = c;
  change(simpler.description);
  if (simpler.description.text() != c.description.text())
    list.push_back(std::move(simpler));
}

// A scaled dot product.
Score plainScore() { return Score(); }

// Softmax.
Normalizer plainNormalizer() {
  Normalizer normalizer;
  normalizer.component.kind = normalizer.name;
  return normalizer;
}

// Every case one step simpler, those that save most first.
std::vector<Case> simplerCases(const Case &c) {
  std::vector<Case> list;
#define HEED_FIELD(field) [](Case &x) -> auto & { return x.field; }
  offerWithout(list, c, HEED_FIELD(description.modifies));
  offerWithout(list, c, HEED_FIELD(description.masks));
  offerWithout(list, c, HEED_FIELD(description.results));
  offerChanged(list, c, [](Description &d) { d.part.reset(); });
  offerChanged(list, c, [](Description &d) { d.isPartial = false, d.part.reset(); });
  offerChanged(list, c, [](Description &d) { d.query.made.reset(); });
  offerChanged(list, c, [](Description &d) { d.key.made.reset(); });
  offerChanged(list, c, [](Description &d) { d.value.made.reset(); });
  offerChanged(list, c, [](Description &d) { d.score = plainScore(); });
  if (!c.description.isPartial)
    offerChanged(list, c, [](Description &d) { d.normalizer = plainNormalizer(); });
  if (!c.description.isDouble) {
    offer(list, c, HEED_FIELD(description.query.element), ElementType::F32);
    offer(list, c, HEED_FIELD(description.key.element), ElementType::F32);
    offer(list, c, HEED_FIELD(description.value.element), ElementType::F32);
    offer(list, c, HEED_FIELD(description.output), ElementType::F32);
  }
  offer(list, c, HEED_FIELD(description.keyLengths), false);
  offer(list, c, HEED_FIELD(description.queryLengths), false);
  offer(list, c, HEED_FIELD(description.queryOffsets), false);
  offer(list, c, HEED_FIELD(description.batch), std::optional<int>());
  offer(list, c, HEED_FIELD(description.queries), std::optional<int>());
  offer(list, c, HEED_FIELD(description.keys), std::optional<int>());
  offer(list, c, HEED_FIELD(description.group), std::optional<int>());
  offer(list, c, HEED_FIELD(description.keyHeads), std::optional<int>());
  offer(list, c, HEED_FIELD(calls[0].placement), Placement::Sequences);
  offer(list, c, HEED_FIELD(calls[0].data), Data::Normal);
  if (!c.description.batch)
    offerLess(list, c, HEED_FIELD(calls[0].batch), 1);
  if (!c.description.keyHeads)
    offerLess(list, c, HEED_FIELD(calls[0].keyHeads), 1);
  if (!c.description.group)
    offerLess(list, c, HEED_FIELD(calls[0].group), 1);
  if (!c.description.queries)
    offerLess(list, c, HEED_FIELD(calls[0].queries), 1);
  if (!c.description.keys)
    for (int keys : {0, c.calls[0].keys / 2, c.calls[0].keys - 1})
      if (int whole = keys / c.description.page() * c.description.page();
          0 <= whole && whole < c.calls[0].keys)
        offer(list, c, HEED_FIELD(calls[0].keys), whole);
  if (!c.description.query.made && !c.description.key.made && !c.description.score.pairwise)
    offerLess(list, c, HEED_FIELD(description.dim), 1);
  if (!c.description.value.made)
    offerLess(list, c, HEED_FIELD(description.valueDim), 1);
  offer(list, c, HEED_FIELD(description.score.scale), std::optional<double>());
#undef HEED_FIELD
  return list;
}

} // namespace

Shrunk shrink(const Case &failing, const Outcome &outcome) {
  Shrunk shrunk{failing, outcome};
  shrunk.least.calls = {failing.calls[size_t(outcome.call)]};
  int trials = 0;
  for (bool progress = true; progress && trials < mostTrials;) {
    progress = false;
    // A step that fails as well is taken, and the walk goes on behind it: what went before was just
    // tried.
    std::vector<Case> simpler = simplerCases(shrunk.least);
    for (size_t i = 0; i < simpler.size() && trials < mostTrials; i++, trials++) {
      Outcome result = tryInChild(simpler[i]);
      if (result.failure.empty())
        continue;
      shrunk = {simpler[i], result};
      simpler = simplerCases(shrunk.least);
      progress = true;
    }
  }
  return shrunk;
}

} // namespace heed::property
