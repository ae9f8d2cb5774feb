// bench_keys hmac|ed25519 COUNT DIRECTORY: makes key pairs for one run of the benches and writes
// them in the three forms that gateways/README.md lists. The files hold secrets of no worth, but
// are 0600 all the same.
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace {

constexpr std::size_t kKeysMax = 10'000'000;
constexpr std::size_t kIdCharacters = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

// 64 characters of [A-Za-z0-9]: the form of the venue's API keys and secrets.
std::string random_id() {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::array<unsigned char, kIdCharacters> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random bytes");
  }
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kLetters[byte % kLetters.size()];  // a little uneven, which does a bench no harm
  }
  return text;
}

std::string text_of(const Memory& memory) {
  char* start = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &start);
  return {start, static_cast<std::size_t>(size)};
}

struct Pair {
  std::string field;  // of keys.json: what signs
  std::string value;
  std::string public_field;  // of keys.jsonl: what a gateway verifies with
  std::string public_value;
};

Pair make_hmac() {
  const std::string secret = random_id();
  return {.field = "secret", .value = secret, .public_field = "secret", .public_value = secret};
}

Pair make_ed25519() {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const Memory private_pem(BIO_new(BIO_s_mem()), &BIO_free);
  const Memory public_pem(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PrivateKey(private_pem.get(), key.get(), nullptr, nullptr, 0, nullptr,
                               nullptr) != 1 ||
      PEM_write_bio_PUBKEY(public_pem.get(), key.get()) != 1) {
    throw std::runtime_error("the library makes no Ed25519 key");
  }
  return {.field = "private_key",
          .value = text_of(private_pem),
          .public_field = "public_key",
          .public_value = text_of(public_pem)};
}

class Files {
 public:
  explicit Files(const std::string& directory)
      : list_(directory + "/keys.json"),
        table_(directory + "/keys.tsv"),
        import_(directory + "/keys.jsonl") {}

  void add(const std::string& api_key, const Pair& pair, std::size_t number) {
    const nlohmann::ordered_json entry{{"api_key", api_key}, {pair.field, pair.value}};
    list_ << (number == 0 ? "[" : ",\n") << entry.dump();
    if (pair.field == "secret") {
      table_ << api_key << '\t' << pair.value << '\n';
    }
    const nlohmann::ordered_json record{{"api_key", api_key},
                                        {pair.public_field, pair.public_value},
                                        {"account", "bench"},
                                        {"permissions", {"USER_DATA"}},
                                        {"label", "bench-" + std::to_string(number)}};
    import_ << record.dump() << '\n';
  }
  [[nodiscard]] bool finish() {
    list_ << "]\n";
    list_.close();
    table_.close();
    import_.close();
    return list_ && table_ && import_;
  }

 private:
  std::ofstream list_;
  std::ofstream table_;
  std::ofstream import_;
};

int run(std::span<char*> words) {
  const std::string_view scheme = words.size() == 4 ? words[1] : "";
  const std::string_view count_text = words.size() == 4 ? words[2] : "";
  std::size_t count = 0;
  const auto [end, error] =
      std::from_chars(count_text.data(), count_text.data() + count_text.size(), count);
  if ((scheme != "hmac" && scheme != "ed25519") || error != std::errc{} ||
      end != count_text.data() + count_text.size() || count == 0 || count > kKeysMax) {
    std::fputs("usage: bench_keys hmac|ed25519 COUNT DIRECTORY\n", stderr);
    return 2;
  }
  ::umask(077);
  Files files(words[3]);
  for (std::size_t number = 0; number < count; ++number) {
    files.add(random_id(), scheme == "hmac" ? make_hmac() : make_ed25519(), number);
  }
  if (!files.finish()) {
    std::fprintf(stderr, "bench_keys: %s: cannot be written\n", words[3]);
    return 3;
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(std::span(arguments, static_cast<std::size_t>(count)));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_keys: %s\n", error.what());
    return 3;
  }
}
