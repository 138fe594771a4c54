package guard_test

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

func TestReadmeShowsTheEmbedExample(t *testing.T) {
	program, err := os.ReadFile(filepath.Join(root, "examples/embed/main.go"))
	require.NoError(t, err)
	assert.Contains(t, readme(t), "```go\n"+string(program)+"```", "copy examples/embed/main.go into the README")
}

// servers are the examples that run until they are interrupted, with the flags that let them do so beside others.
var servers = map[string][]string{"./examples/phone": nil, "./examples/webhook": {"-listen", "127.0.0.1:0"}}

func TestReadmeCommandsWork(t *testing.T) {
	commands := regexp.MustCompile(`go run \./examples/[a-z]+( -[a-z]+( \+[0-9]+)?)*`).FindAllString(readme(t), -1)
	require.NotEmpty(t, commands)
	for _, command := range commands {
		words := strings.Fields(command)[2:]
		if flags, is := servers[words[0]]; is {
			serves(t, append(words, flags...))
			continue
		}
		cmd := exec.Command("go", append([]string{"run"}, words...)...)
		cmd.Dir = root
		cmd.Stdin = strings.NewReader("hangup\n")
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s\n%s", command, out)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for _, target := range regexp.MustCompile("make ([a-z]+)").FindAllStringSubmatch(readme(t), -1) {
		assert.Regexp(t, "(?m)^"+target[1]+":", string(makefile), target[0])
	}
}

// serves checks that a server tells where it is, and ends in good order when it is interrupted. go run would not pass the
// interrupt on.
func serves(t *testing.T, words []string) {
	program := filepath.Join(t.TempDir(), filepath.Base(words[0]))
	build := exec.Command("go", "build", "-o", program, words[0])
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	cmd := exec.Command(program, words[1:]...)
	var faults strings.Builder
	cmd.Stderr = &faults
	says, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said, _ := bufio.NewReader(says).ReadString('\n') // where there is none, it has ended, and Wait tells why
	_ = cmd.Process.Signal(os.Interrupt)
	_, _ = io.Copy(io.Discard, says)
	assert.NoError(t, cmd.Wait(), "%s\n%s", words, faults.String())
	assert.NotEmpty(t, said, "%s", words)
}

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	require.NoError(t, err)
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		prose := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(string(text), "")
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(prose, -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(page), link[1]))
			assert.NoError(t, err, "%s links to %s", page, link[1])
		}
	}
}

// A document that names a test as its proof names one that is there.
func TestDocumentsNameTestsThatAreThere(t *testing.T) {
	there := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			there[name[1]] = true
		}
		return err
	})
	require.NoError(t, err)
	pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	require.NoError(t, err)
	seen := 0
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile("[`(](Test[A-Z]\\w*)[`/,)]").FindAllStringSubmatch(string(text), -1) {
			seen++
			assert.True(t, there[name[1]], "%s names %s", page, name[1])
		}
	}
	assert.Greater(t, seen, 10)
}
