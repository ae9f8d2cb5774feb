// causes_doc write|check FILE: writes docs/causes.md, or says whether FILE is what would be
// written.
#include <cstddef>

#include "autopsy/describe_causes.h"
#include "generated_document.h"

int main(int argc, char** argv) {
  return counterfoil::generated_document({argv, static_cast<std::size_t>(argc)}, "causes_doc",
                                         counterfoil::autopsy::describe_causes(),
                                         "generate_causes_doc");
}
