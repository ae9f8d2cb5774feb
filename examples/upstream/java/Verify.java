// Believes or refuses a request that a Counterfoil gateway forwarded: docs/upstream.md. Java 17 or newer, no packages.
//
//   var checker = new Verify(Map.of("1", secret));
//   String verdict = checker.check(method, target, body, headers, System.currentTimeMillis());
//   if (!verdict.equals("accepted")) answer 401 and log the verdict.
//
// target is path, '?' and query as they stand in the request line (getRequestURI() and getQueryString() of a servlet),
// body the whole body as it came, headers a list of {name, value}. Two secrets stand in the map while one is rotated.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Verify {
  private static final long AGE_MAX_MS = 5_000;
  // State-changing requests within 10 s; then they are refused, never forgotten.
  private static final int REMEMBERED_MAX = 262_144;
  private static final String PREFIX = "x-counterfoil-";
  private static final List<String> NAMES =
      List.of("account", "key", "permissions", "request-id", "timestamp", "gateway", "proof");
  private static final Pattern PROOF =
      Pattern.compile("v1;kid=([A-Za-z0-9._-]{1,64});ts=([0-9]{1,15});mac=([0-9a-f]{64})");

  private final Map<String, String> secrets;
  // "gateway\nrequest id" and until when it is remembered, in the order of arrival.
  private final LinkedHashMap<String, Long> seen = new LinkedHashMap<>();

  public Verify(Map<String, String> secrets) {
    this.secrets = secrets;
  }

  // check judges one request; the word says why it is refused. Afterwards the caller reads the account from its header.
  public String check(String method, String target, byte[] body, List<String[]> headers, long nowMs)
      throws GeneralSecurityException {
    Map<String, String> claims = readClaims(headers);
    if (claims == null) {
      return "malformed";
    }
    var proof = PROOF.matcher(claims.get("proof"));
    if (!proof.matches() || !proof.group(2).equals(claims.get("timestamp"))) {
      return "malformed";
    }
    String kid = proof.group(1);
    String secret = secrets.get(kid);
    if (secret == null) {
      return "unknown_secret";
    }
    long ts = Long.parseLong(proof.group(2));
    if (nowMs - ts > AGE_MAX_MS) {
      return "too_old";
    }
    if (ts - nowMs > AGE_MAX_MS) {
      return "from_the_future";
    }
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    var lines = List.of("counterfoil-proof-v1", kid, proof.group(2), method, target, hash, claims.get("account"),
        claims.get("key"), claims.get("permissions"), claims.get("gateway"), claims.get("request-id"));
    if (lines.stream().anyMatch(line -> line.chars().anyMatch(letter -> letter < 0x20))) {
      return "malformed";
    }
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    byte[] right = mac.doFinal(String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1));
    if (!MessageDigest.isEqual(right, HexFormat.of().parseHex(proof.group(3)))) {
      return "wrong_mac";
    }
    boolean reads = method.equals("GET") || method.equals("HEAD");
    return reads || isNew(claims.get("gateway") + "\n" + claims.get("request-id"), ts, nowMs) ? "accepted" : "replayed";
  }

  private synchronized boolean isNew(String name, long ts, long nowMs) {
    var oldest = seen.values().iterator();
    while (oldest.hasNext() && oldest.next() < nowMs) {
      oldest.remove();
    }
    return seen.size() < REMEMBERED_MAX && seen.putIfAbsent(name, ts + AGE_MAX_MS) == null;
  }

  // readClaims gives null unless each of the seven headers is there exactly once.
  private static Map<String, String> readClaims(List<String[]> headers) {
    Map<String, String> claims = new HashMap<>();
    for (String[] header : headers) {
      String name = header[0].toLowerCase(Locale.ROOT);
      if (!name.startsWith(PREFIX) || !NAMES.contains(name.substring(PREFIX.length()))) {
        continue;
      }
      if (claims.putIfAbsent(name.substring(PREFIX.length()), header[1]) != null) {
        return null;
      }
    }
    return claims.size() == NAMES.size() ? claims : null;
  }

  // main lets tests drive this file: see examples/upstream/README.md.
  public static void main(String[] arguments) throws Exception {
    Map<String, String> secrets = new HashMap<>();
    var checker = new Verify(secrets);
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] fields = line.split("\t", -1);
      if (fields[0].equals("secret")) {
        secrets.put(fields[1], fields[2]);
        continue;
      }
      List<String[]> headers = new ArrayList<>();
      for (int at = 5; at + 1 < fields.length; at += 2) {
        headers.add(new String[] {fields[at], fields[at + 1]});
      }
      System.out.println(checker.check(fields[2], fields[3], HexFormat.of().parseHex(fields[4]), headers,
          Long.parseLong(fields[1])));
    }
  }
}
