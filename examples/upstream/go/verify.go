// Believes or refuses a request that a Counterfoil gateway forwarded: docs/upstream.md. Standard library only, Go 1.19 or
// newer. In a service of your own, take everything above main() into a package:
//
//	checker := NewChecker(map[string][]byte{"1": secret})
//	claims, verdict := checker.Check(Request{Method: r.Method, Target: r.RequestURI, Body: body, Header: r.Header}, time.Now())
//	if verdict != "accepted" { answer 401 and log the verdict }
//
// body is the whole body as it came. Two secrets stand in the map while one is rotated.
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	ageMax        = 5 * time.Second
	rememberedMax = 262144 // state-changing requests within 10 s; then they are refused, never forgotten
)

var proofForm = regexp.MustCompile(`^v1;kid=([A-Za-z0-9._-]{1,64});ts=([0-9]{1,15});mac=([0-9a-f]{64})$`)

// Request is what the proof covers, and the headers that carry it.
type Request struct {
	Method, Target string // Target: path, '?' and query as they stand in the request line
	Body           []byte
	Header         http.Header
}

// Claims are who the request was proved to come from.
type Claims struct{ Account, Key, Permissions, RequestID, Timestamp, Gateway string }

// Checker judges requests. Safe for concurrent use.
type Checker struct {
	secrets map[string][]byte
	mutex   sync.Mutex
	seen    map[string]time.Time // "gateway\nrequest id" -> until when it is remembered
	order   []string
}

func NewChecker(secrets map[string][]byte) *Checker {
	return &Checker{secrets: secrets, seen: map[string]time.Time{}}
}

// readClaims gives false unless each of the seven headers is there exactly once.
func readClaims(header http.Header) (claims Claims, proof string, ok bool) {
	ok = true
	one := func(name string) string {
		values := header.Values("X-Counterfoil-" + name)
		if len(values) != 1 {
			ok = false
			return ""
		}
		return values[0]
	}
	claims = Claims{one("Account"), one("Key"), one("Permissions"), one("Request-Id"), one("Timestamp"), one("Gateway")}
	return claims, one("Proof"), ok
}

func hasControlByte(lines []string) bool {
	for _, line := range lines {
		if strings.IndexFunc(line, func(r rune) bool { return r < 0x20 }) >= 0 {
			return true
		}
	}
	return false
}

// Check judges one request; the verdict says why it is refused.
func (c *Checker) Check(request Request, now time.Time) (Claims, string) {
	claims, proof, ok := readClaims(request.Header)
	parts := proofForm.FindStringSubmatch(proof)
	if !ok || parts == nil || parts[2] != claims.Timestamp {
		return Claims{}, "malformed"
	}
	kid, ts, mac := parts[1], parts[2], parts[3]
	secret, known := c.secrets[kid]
	if !known {
		return Claims{}, "unknown_secret"
	}
	ms, _ := strconv.ParseInt(ts, 10, 64)
	provedAt := time.UnixMilli(ms)
	if now.Sub(provedAt) > ageMax {
		return Claims{}, "too_old"
	}
	if provedAt.Sub(now) > ageMax {
		return Claims{}, "from_the_future"
	}
	hash := sha256.Sum256(request.Body)
	lines := []string{"counterfoil-proof-v1", kid, ts, request.Method, request.Target, hex.EncodeToString(hash[:]),
		claims.Account, claims.Key, claims.Permissions, claims.Gateway, claims.RequestID}
	if hasControlByte(lines) {
		return Claims{}, "malformed"
	}
	right := hmac.New(sha256.New, secret)
	right.Write([]byte(strings.Join(lines, "\n")))
	given, _ := hex.DecodeString(mac)
	if !hmac.Equal(right.Sum(nil), given) {
		return Claims{}, "wrong_mac"
	}
	if request.Method != "GET" && request.Method != "HEAD" && !c.isNew(claims.Gateway+"\n"+claims.RequestID, provedAt, now) {
		return Claims{}, "replayed"
	}
	return claims, "accepted"
}

func (c *Checker) isNew(name string, provedAt, now time.Time) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for len(c.order) > 0 && c.seen[c.order[0]].Before(now) {
		delete(c.seen, c.order[0])
		c.order = c.order[1:]
	}
	if _, found := c.seen[name]; found || len(c.order) >= rememberedMax {
		return false
	}
	c.seen[name] = provedAt.Add(ageMax)
	c.order = append(c.order, name)
	return true
}

// main lets tests drive this file: see examples/upstream/README.md.
func main() {
	secrets := map[string][]byte{}
	checker := NewChecker(secrets)
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	for input.Scan() {
		fields := strings.Split(input.Text(), "\t")
		if fields[0] == "secret" {
			secrets[fields[1]] = []byte(fields[2])
			continue
		}
		ms, _ := strconv.ParseInt(fields[1], 10, 64)
		body, _ := hex.DecodeString(fields[4])
		header := http.Header{}
		for at := 5; at+1 < len(fields); at += 2 {
			header.Add(fields[at], fields[at+1])
		}
		_, verdict := checker.Check(Request{fields[2], fields[3], body, header}, time.UnixMilli(ms))
		fmt.Println(verdict)
	}
}
