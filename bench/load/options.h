#pragma once

#include <expected>
#include <string>

#include "load/load_loop.h"
#include "load/request_book.h"

namespace counterfoil {

struct LoadOptions {
  std::string key_file;
  LoadPlan plan;  // without `tls`: `with_tls` says whether
  RequestForm form;
  bool with_tls = false;
};

// read_options reads the command line. The error is the exit code, after help or a complaint was
// printed.
[[nodiscard]] std::expected<LoadOptions, int> read_options(int count, char** arguments);

}  // namespace counterfoil
