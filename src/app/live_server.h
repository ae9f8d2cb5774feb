#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "app/clock_probe.h"
#include "app/command_context.h"
#include "app/key_source.h"
#include "app/key_verdict.h"
#include "app/request_signer.h"
#include "base/time.h"
#include "outbound/http_client.h"
#include "policy/profile.h"

namespace counterfoil {

// LiveServer is the server that `doctor --live` asks: any that speaks this wire profile. One
// thread.
class LiveServer {
 public:
  static constexpr std::chrono::seconds kPatience{5};  // for one answer

  // make reads the URL and the certificate authorities (a PEM file; empty: the system's).
  [[nodiscard]] static std::expected<LiveServer, Failure> make(const std::string& url,
                                                               const std::string& ca_file);

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] VendorHost world() const { return world_; }
  // is_open_to_others: the way there is neither encrypted nor within this machine.
  [[nodiscard]] bool is_open_to_others() const { return is_open_to_others_; }

  // NoTime says why no time was told, and whether asking again may help.
  struct NoTime {
    std::string sentence;
    enum class Again : std::uint8_t { kMayHelp, kDoesNotHelp } again = Again::kMayHelp;
  };
  [[nodiscard]] std::expected<ClockProbe, NoTime> ask_time(const std::string& target) const;

  // ask_signed sends a GET signed with the key, stamped with `now`. The error is a sentence:
  // nothing came back.
  [[nodiscard]] std::expected<HttpReply, std::string> ask_signed(const std::string& path,
                                                                 std::vector<Parameter> parameters,
                                                                 const KeySource::Signing& key,
                                                                 const SigningRules& rules,
                                                                 Timestamp now) const;

 private:
  LiveServer(HttpPeer peer, HttpClient client, std::string url)
      : peer_(std::move(peer)), client_(std::move(client)), url_(std::move(url)) {}
  HttpPeer peer_;
  HttpClient client_;
  std::string url_;
  std::string advice_;  // behind the sentence that it did not answer
  VendorHost world_ = VendorHost::kNone;
  bool is_open_to_others_ = false;
};

// time_target is where the profile's servers tell the time: "/api/v3/time", or the public route of
// the profile that ends in /time.
[[nodiscard]] std::string time_target(const Profile& profile);
// rights_path is where a key is told what it may do.
[[nodiscard]] std::string rights_path(const Profile& profile);

}  // namespace counterfoil
