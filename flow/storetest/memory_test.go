package storetest_test

import (
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/flow/storetest"
)

func TestMemory(t *testing.T) {
	storetest.TestStore(t, func(*testing.T) storetest.Fixtures {
		clock := &flowtest.Clock{}
		return storetest.Fixtures{Store: flow.NewMemory(clock.Now), Now: clock.Now, Advance: clock.Advance}
	})
}

func TestMemoryCalls(t *testing.T) {
	storetest.TestCalls(t, func(*testing.T) (first, second storetest.Shared) {
		s := flow.NewMemory(time.Now)
		return s, s
	})
}
