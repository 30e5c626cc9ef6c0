#include "tools/measure/OnDevice.h"

namespace heed::measure {

llvm::Expected<std::unique_ptr<OnDevice>>
OnDevice::copyOf(const Data &data, const LoadedLibrary &library, DLDeviceType device) {
  std::unique_ptr<OnDevice> copies(new OnDevice(data, library));
  copies->all.reserve(data.arguments().size());
  for (const DLTensor *argument : data.arguments()) {
    DLTensor copy = *argument;
    copy.device = {device, 0};
    copy.data = nullptr;
    if (llvm::Error error = library.allocate(copy))
      return error;
    copies->all.push_back(copy);
    if (llvm::Error error = library.copy(*argument, copies->all.back()))
      return error;
  }
  for (const DLTensor &copy : copies->all)
    copies->pointers.push_back(&copy);
  return copies;
}

OnDevice::~OnDevice() {
  for (DLTensor &copy : all)
    library.free(copy);
}

llvm::Error OnDevice::wait() const {
  DLTensor number = all.back();
  std::vector<int64_t> one(size_t(number.ndim), 1);
  number.shape = one.data();
  int64_t place; // as long as any number
  DLTensor here = number;
  here.device = {kDLCPU, 0};
  here.data = &place;
  here.byte_offset = 0;
  return library.copy(number, here);
}

llvm::Error OnDevice::copyBack() const {
  for (size_t i = data.inputTensors().size(); i < all.size(); ++i) {
    DLTensor here = *data.arguments()[i];
    if (llvm::Error error = library.copy(all[i], here))
      return error;
  }
  return llvm::Error::success();
}

} // namespace heed::measure
