#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "doors/calls/descriptor.h"

namespace counterfoil {

// ImportReport is the file of the rows that an import refused: one object a line, with "line",
// "reason", "detail", and where there are such "api_key", "member" and "action". Mode 0600. A
// report of an earlier run under the same name is written anew; any other file is left alone.
class ImportReport {
 public:
  // open makes no file for an empty name. `input` is the file that is imported.
  [[nodiscard]] static std::expected<ImportReport, Failure> open(const std::string& path,
                                                                 const Descriptor& input);

  // add keeps one refused row.
  [[nodiscard]] std::expected<void, Failure> add(const NodeJson& refused);
  // close syncs it to the disk.
  [[nodiscard]] std::expected<void, Failure> close();

 private:
  ImportReport(std::string path, Descriptor file);
  [[nodiscard]] std::unexpected<Failure> not_written() const;

  std::string path_;
  Descriptor file_;
};

}  // namespace counterfoil
