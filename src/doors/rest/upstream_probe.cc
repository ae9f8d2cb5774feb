#include "doors/rest/upstream_probe.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "doors/net/loop.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_addresses.h"
#include "doors/rest/upstream_connection.h"
#include "doors/rest/upstream_state.h"
#include "verify/reason.h"
#include "wire/http/response_head.h"

namespace counterfoil {

UpstreamProbe::UpstreamProbe(net::Loop& loop, const RestShared& shared,
                             UpstreamAddresses& addresses, std::size_t target)
    : loop_(loop), shared_(shared), addresses_(addresses), target_(target), timer_([this] {
        end(UpstreamFault::kTimeout);
      }) {}

void UpstreamProbe::start(Done done) {
  done_ = std::move(done);
  connection_ = new UpstreamConnection(loop_, *this, shared_.upstream_tls(), target_);
  addresses_.use([this, connection = connection_](const UpstreamConnection::Endpoints& endpoints) {
    if (connection != connection_) {
      return;  // closed meanwhile
    }
    if (endpoints.empty()) {
      end(UpstreamFault::kUnreachable);
      return;
    }
    connection->connect(endpoints, 0, shared_.targets[target_].host,
                        shared_.options.upstream.connect_time_max);
  });
}

void UpstreamProbe::close() {
  done_ = nullptr;
  end(std::nullopt);
}

void UpstreamProbe::on_connected(UpstreamConnection& connection) {
  const UpstreamOptions& options = shared_.options.upstream;
  if (options.health_path.empty()) {
    end(std::nullopt);
    return;
  }
  timer_.set(loop_.timers(), options.connect_time_max);
  connection.attach(*this);
  const std::string head = "GET " + options.health_path +
                           " HTTP/1.1\r\nHost: " + shared_.targets[target_].authority +
                           "\r\nUser-Agent: counterfoil\r\nConnection: close\r\n\r\n";
  if (!connection.send(head, {})) {
    end(UpstreamFault::kBroken);
  }
}

void UpstreamProbe::on_connect_failed(UpstreamConnection& /*connection*/) {
  end(UpstreamFault::kUnreachable);
}

void UpstreamProbe::on_upstream_bytes() {
  for (;;) {
    const auto parsed =
        http::parse_response_head(connection_->received(), shared_.options.http, answer_);
    if (!parsed) {
      end(UpstreamFault::kBroken);
      return;
    }
    if (!*parsed) {
      if (!connection_->read_more()) {
        end(UpstreamFault::kBroken);
      }
      return;
    }
    if (!answer_.is_interim()) {
      const bool is_well = answer_.status() >= 200 && answer_.status() < 400;
      end(is_well ? std::nullopt : std::optional(UpstreamFault::kUnwell));
      return;
    }
    connection_->consume(**parsed);
  }
}

void UpstreamProbe::on_upstream_lost(Loss /*loss*/) { end(UpstreamFault::kBroken); }

// A probe's connection is never without it, and it waits for none.
void UpstreamProbe::on_idle_lost(UpstreamConnection& /*connection*/) {
  end(UpstreamFault::kBroken);
}
void UpstreamProbe::on_upstream_ready(UpstreamConnection& /*connection*/) {}
void UpstreamProbe::on_upstream_refused(Reason /*reason*/) {}

void UpstreamProbe::end(std::optional<UpstreamFault> fault) {
  timer_.cancel();
  if (const UpstreamConnection::Pointer connection = std::exchange(connection_, nullptr)) {
    connection->close();
  }
  if (Done done = std::exchange(done_, nullptr)) {
    done(fault);
  }
}

}  // namespace counterfoil
