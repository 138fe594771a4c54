//go:build race

package flow_test

// raceEnabled tells that the race detector is on.
const raceEnabled = true
