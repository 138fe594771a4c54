package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// mostLines is how many consoles may use a folder at a time.
const mostLines = 32

// errLocked tells that another process has a lock.
var errLocked = errors.New("it is locked by another process")

// phoneLine is one of the folder's telephone lines: each console that runs has one. It knows which call is on it, so that
// its next console can report that the call is over when this one is killed.
type phoneLine struct {
	Live  string   `json:"live"`  // the call that is on the line
	Calls []string `json:"calls"` // those of this console

	path   string
	unlock func() error
}

// takeLine takes the first line that is free. The caller has the lock of the folder.
func takeLine(dir string) (*phoneLine, error) {
	for n := range mostLines {
		l := &phoneLine{path: linePath(dir, n)}
		var err error
		l.unlock, err = lock(l.path+".lock", false)
		if errors.Is(err, errLocked) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := l.read(); err != nil {
			return nil, errors.Join(err, l.unlock())
		}
		l.Calls = nil
		return l, nil
	}
	return nil, fmt.Errorf("%d consoles use it already", mostLines)
}

func linePath(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("line-%d", n)) }

func (l *phoneLine) read() error {
	data, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, l)
	}
	return err
}

// put notes which call is on the line; empty for none.
func (l *phoneLine) put(call string) error {
	if l.Live = call; call != "" {
		l.Calls = append(l.Calls, call)
	}
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return replaceFile(l.path, data)
}

// elsewhere are the calls of the other consoles that run. The caller has the lock of the folder: a line that is looked at
// would not be free for another console.
func (l *phoneLine) elsewhere() (calls []string, err error) {
	for n := range mostLines {
		other := phoneLine{path: linePath(filepath.Dir(l.path), n)}
		if _, err := os.Stat(other.path); err != nil || other.path == l.path {
			continue
		}
		unlock, err := lock(other.path+".lock", false)
		switch {
		case err == nil:
			err = unlock() // nobody is there
		case errors.Is(err, errLocked):
			err = other.read()
			calls = slices.Concat(calls, other.Calls)
		}
		if err != nil {
			return nil, err
		}
	}
	return calls, nil
}
