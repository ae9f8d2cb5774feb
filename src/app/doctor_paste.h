#pragma once

#include <string>

#include "app/command_context.h"
#include "app/key_source.h"

namespace CLI {
class App;
}

namespace counterfoil {

// PasteFlags are the options of `doctor FILE` and `doctor -`.
struct PasteFlags {
  std::string file;      // "-": standard input; empty: not asked
  std::string at;        // --at: when the server got the request; empty: as the text tells
  std::string language;  // --language, of snippets; empty: none
};

void add_paste_options(CLI::App& command, PasteFlags& flags);

// examine_paste reads the requests in a pasted text and says what is wrong with each, on this
// machine alone: nothing is sent. With a key, signatures are judged, too. Ends with kNo when
// something is wrong for certain, kUsage when the text holds no request.
void examine_paste(const PasteFlags& flags, const KeySource& source, CommandContext& context);

// examine_key_alone says what is wrong with the files of a key pair, without any request.
void examine_key_alone(const KeySource& source, CommandContext& context);

}  // namespace counterfoil
