#include "registry/registry.h"

#include <string_view>
#include <utility>

namespace counterfoil {

std::string_view describe(RegistryError error) {
  switch (error) {
    case RegistryError::kConflict:
      return "someone else changed it first";
    case RegistryError::kDuplicate:
      return "a unique value is taken by another record";
    case RegistryError::kTooLarge:
      return "beyond a limit of the registry";
    case RegistryError::kInvalid:
      return "the transaction contradicts itself";
    case RegistryError::kGap:
      return "the change feed does not reach back that far";
    case RegistryError::kFull:
      return "no space is left on the registry's disk";
    case RegistryError::kUnavailable:
      return "the registry does not answer";
    case RegistryError::kCorrupt:
      return "the registry is damaged";
  }
  std::unreachable();
}

}  // namespace counterfoil
