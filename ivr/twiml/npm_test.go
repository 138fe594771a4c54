package twiml_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
)

// npm's twilio is another opinion on signatures and on TwiML. make deps installs it in testdata/npm.
const npmDir = "testdata/npm"

// npm skips the test where the packages are not installed; where CI is set to true, it fails instead.
func npm(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(npmDir, "node_modules", "typescript"))
	}
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("no node with npm's twilio: run make deps: %v", err)
	}
	t.Skip("no node with npm's twilio: run make deps")
}

// run runs a program in npmDir.
func run(t *testing.T, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var errs bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stderr = npmDir, bytes.NewReader(stdin), &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s\n%s", out, &errs)
	return out
}

// signatureCase is what both sign.
type signatureCase struct {
	Token     string              `json:"token"`
	URL       string              `json:"url"`
	Form      map[string][]string `json:"form"`
	Body      *string             `json:"body,omitempty"`
	Signature string              `json:"signature"`
	good      bool
}

// pieces are what parameters and URLs are made of at random.
var pieces = []string{"a", "Digits", "CallSid", "1234", "+12125550100", " ", "&", "=", "%41", "ñ", "水", "'", "\"", "\\", "\n",
	"~", "-", "_", "*", "(", "0"}

func randomText(r *rand.Rand, most int) string {
	s := ""
	for range r.IntN(most) {
		s += pieces[r.IntN(len(pieces))]
	}
	return s
}

func signatureCases(r *rand.Rand, n int) (all []signatureCase) {
	for i := range n {
		c := signatureCase{Token: "t" + randomText(r, 5), URL: base + "/turn/7/keys?call=" + url.QueryEscape(randomText(r, 4)),
			Form: map[string][]string{}, good: i%3 > 0}
		for range r.IntN(8) {
			key := "k" + randomText(r, 3)
			for range 1 + r.IntN(2) {
				c.Form[key] = append(c.Form[key], randomText(r, 5))
			}
		}
		if i%5 == 0 {
			body := `{"CallSid":"CA1","Digits":"` + randomText(r, 1) + `"}`
			sum := sha256.Sum256([]byte(body))
			c.URL += "&bodySHA256=" + hex.EncodeToString(sum[:])
			c.Body, c.Form = &body, map[string][]string{}
			c.good = true
		}
		c.Signature = twiml.Sign(c.Token, c.URL, c.Form)
		if !c.good {
			c.Signature = twiml.Sign(c.Token, c.URL+"x", c.Form)
		}
		all = append(all, c)
	}
	return all
}

// What we sign, npm's twilio accepts, and nothing else; and it signs as we do.
func TestSignaturesByNPM(t *testing.T) {
	npm(t)
	cases := signatureCases(rand.New(rand.NewPCG(1, 2)), 500)
	in, err := json.Marshal(cases)
	require.NoError(t, err)
	var answers []struct {
		Made     string
		Accepted bool
	}
	require.NoError(t, json.Unmarshal(run(t, in, "node", "signatures.js"), &answers))
	require.Len(t, answers, len(cases))
	good := 0
	for i, c := range cases {
		assert.Equal(t, twiml.Sign(c.Token, c.URL, c.Form), answers[i].Made, "%q %q", c.URL, c.Form)
		assert.Equal(t, c.good, answers[i].Accepted, "%q %q", c.URL, c.Form)
		if c.good {
			good++
		}
	}
	assert.Greater(t, good, 100)
	assert.Less(t, good, 400)
}

// What npm's twilio signs, a Handler takes.
func TestAHandlerTakesWhatNPMSigned(t *testing.T) {
	npm(t)
	f := form("Digits", "12 3+4&=ñ")
	in, err := json.Marshal([]signatureCase{{Token: token, URL: base + "/turn/7/keys?call=a%27b", Form: f}})
	require.NoError(t, err)
	var answers []struct{ Made string }
	require.NoError(t, json.Unmarshal(run(t, in, "node", "signatures.js"), &answers))
	r := newRig(t)
	q := request("/turn/7/keys?call=a%27b", f)
	q.Header.Set("X-Twilio-Signature", answers[0].Made)
	assert.Equal(t, http.StatusOK, r.serve(q).Code)
	assert.Equal(t, "12 3+4&=ñ", r.input().Keys)
}

// The TwiML of whole calls, and of everything that a turn can be, is written again with the builders of npm's twilio:
// the TypeScript compiler checks every element, its place, its attributes and their values against its types, and
// what the builders write is the same.
func TestTwiMLByNPM(t *testing.T) {
	npm(t)
	docs := everyReply(t)
	require.Greater(t, len(docs), 30)
	var program strings.Builder
	program.WriteString("import VoiceResponse = require(\"twilio/lib/twiml/VoiceResponse\");\nconst all: string[] = [];\n")
	for _, doc := range docs {
		e, err := twimltest.Parse([]byte(doc))
		require.NoError(t, err)
		b := builder{t: t, out: &program}
		fmt.Fprintf(&program, "{\nconst e0 = new VoiceResponse();\n")
		b.children(e, 0)
		fmt.Fprintf(&program, "all.push(e0.toString());\n}\n")
	}
	program.WriteString("process.stdout.write(JSON.stringify(all));\n")
	build := filepath.Join(npmDir, "build")
	require.NoError(t, os.MkdirAll(build, 0o755))
	t.Cleanup(func() { os.RemoveAll(build) })
	require.NoError(t, os.WriteFile(filepath.Join(build, "twiml.ts"), []byte(program.String()), 0o644))
	run(t, nil, "node", "node_modules/typescript/bin/tsc", "--strict", "--skipLibCheck", "--target", "es2022", "--module",
		"commonjs", "--types", "node", "--outDir", "build", "build/twiml.ts")
	var written []string
	require.NoError(t, json.Unmarshal(run(t, nil, "node", "build/twiml.js"), &written))
	require.Len(t, written, len(docs))
	for i := range docs {
		ours, err := twimltest.Parse([]byte(docs[i]))
		require.NoError(t, err)
		theirs, err := twimltest.Parse([]byte(written[i]))
		require.NoError(t, err)
		assert.Equal(t, tidy(ours), tidy(theirs), docs[i])
	}
}

// tidy leaves out text that is empty.
func tidy(e *twimltest.Element) twimltest.Element {
	c := *e
	c.Children = nil
	for i := range e.Children {
		if e.Children[i].Name != "" || e.Children[i].Text != "" {
			c.Children = append(c.Children, tidy(&e.Children[i]))
		}
	}
	return c
}

// everyReply are the different replies of two calls, and of turns of every kind.
func everyReply(t *testing.T) []string {
	seen := map[string]bool{}
	record := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			copied := &recorder{ResponseWriter: w}
			h.ServeHTTP(copied, r)
			if body := copied.body.String(); strings.HasPrefix(body, "<?xml") {
				seen[body] = true
			}
		})
	}
	c := newCompany(t, 1)
	c.pay(c.phone(record(c.processes[0]), "CA1"))
	p := newPayCall(t)
	front := p.processes[0]
	p.Phone = p.phone(record(front), "CA2")
	p.upToTheCard()
	for _, change := range []func(*ivr.Turn){
		func(t *ivr.Turn) { t.Listen.Speech, t.Listen.Hints, t.Slow = true, []string{"yes"}, true },
		func(t *ivr.Turn) { t.Listen.BargeIn, t.Listen.Flush = false, true },
		func(t *ivr.Turn) { t.Listen.Terminator, t.Prompts[1].Locale = 0, "es-US" },
		func(t *ivr.Turn) { t.Action, t.Wait = ivr.ActionWait, 2*time.Second },
		func(t *ivr.Turn) { t.Action = ivr.ActionHangUp },
		func(t *ivr.Turn) { t.Prompts[0] = ivr.Say("recorded") },
		transfer("+12125550111"), transfer("sip:desk@example.com"), transfer("desk"), transfer("workflow"), transfer(""),
	} {
		r := newRig(t, func(c *twiml.Config) {
			c.Recorded = func(_ string, p ivr.Prompt) string {
				return map[string]string{"recorded": "https://cdn.example.com/a.wav?b&c"}[p.Key]
			}
			c.Transfer = func(tr ivr.Transfer) twiml.Destination {
				if tr.To == "workflow" {
					return twiml.Destination{Workflow: "WW0123456789abcdef0123456789abcdef"}
				}
				return twiml.Reach(tr)
			}
		})
		change(&r.turn)
		seen[r.post("", form())] = true
	}
	for i := range 12 { // the rest of a call with mistakes: every message of it
		w := newCompany(t, 1)
		phone := w.phone(record(w.processes[0]), fmt.Sprintf("CM%d", i))
		phone.Dial(ivr.Call{Attestation: "A"})
		for n := 0; !phone.Over() && n < 12; n++ {
			phone.Listen()
			phone.Press([]string{"1#", "2", "*#", "8", "9", "10012345#", "1234#", "3", "40#", "6", "7", "0"}[(i+n*(1+i%5))%12])
			phone.Listen()
			if d := phone.Deadline(); !d.IsZero() {
				phone.Wait()
			}
		}
		require.NoError(t, phone.Err())
	}
	for locale, voice := range twiml.DefaultVoices {
		seen[`<Response><Say voice="`+voice+`" language="`+locale+`">Hello</Say></Response>`] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

type recorder struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// builder writes an element as calls of npm's builders.
type builder struct {
	t   *testing.T
	out io.Writer
	n   int
}

// kinds are the attributes that the builders do not take as a string.
var kinds = map[string]string{"timeout": "number", "numDigits": "number", "length": "number", "maxAttempts": "number",
	"actionOnEmptyResult": "boolean", "input": "list", "cardType": "list", "errorType": "list", "validCardTypes": "list",
	"attempt": "numbers"}

func (b *builder) children(e *twimltest.Element, parent int) {
	for i := range e.Children {
		c := &e.Children[i]
		if c.Name == "" {
			if i > 0 && c.Text != "" {
				fmt.Fprintf(b.out, "e%d.addText(%s);\n", parent, quoted(c.Text))
			}
			continue
		}
		b.n++
		id := b.n
		method := strings.ToLower(c.Name[:1]) + c.Name[1:]
		if method == "say-as" {
			method = "sayAs"
		}
		args := b.attributes(c)
		text := ""
		if len(c.Children) > 0 && c.Children[0].Name == "" {
			text = c.Children[0].Text
		}
		switch c.Name {
		case "Gather", "Dial", "Pay", "Prompt", "Pause", "Hangup", "break":
		case "Enqueue":
			if text != "" {
				args += ", " + quoted(strings.TrimSpace(text))
			}
		default:
			args += ", " + quoted(text)
		}
		fmt.Fprintf(b.out, "const e%d = e%d.%s(%s);\n", id, parent, method, args)
		b.children(c, id)
	}
}

func (b *builder) attributes(e *twimltest.Element) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(e.Attr)) {
		value := e.Attr[name]
		literal := quoted(value)
		switch kinds[name] {
		case "number", "boolean":
			literal = value
		case "list":
			literal = "[" + strings.Join(each(strings.Fields(value), quoted), ", ") + "]"
		case "numbers":
			literal = "[" + strings.Join(strings.Fields(value), ", ") + "]"
		}
		all = append(all, quoted(name)+": "+literal)
	}
	return "{" + strings.Join(all, ", ") + "}"
}

func each(all []string, f func(string) string) (done []string) {
	for _, s := range all {
		done = append(done, f(s))
	}
	return done
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
