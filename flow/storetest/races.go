package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
)

func raceForVersion(k *kit) {
	const racers, rounds = 8, 50
	version := k.commit(flow.Tx{Session: "s"})
	for range rounds {
		won := race(k, racers, func(i int) error {
			err := k.Commit(context.Background(), flow.Tx{Session: "s", Expect: version, Next: []byte{byte(i)}})
			return err
		}, flow.ErrStale)
		snap, _ := k.load("s")
		require.Equal(k, []byte{byte(won)}, snap.Data)
		require.Greater(k, snap.Version, version)
		version = snap.Version
	}
}

func raceForClaim(k *kit) {
	race(k, 8, func(i int) error {
		err := k.Commit(context.Background(), flow.Tx{Session: fmt.Sprint(i), Claim: []flow.Claim{{Key: "bill", Owner: fmt.Sprint(i)}}})
		return err
	}, flow.ErrTaken)
}

// race lets all begin at once and returns the one that had no error; all others must have had the error of the losers.
func race(t testing.TB, racers int, try func(i int) error, lost error) (winner int) {
	var group sync.WaitGroup
	start, errs := make(chan struct{}), make([]error, racers)
	for i := range racers {
		group.Go(func() { <-start; errs[i] = try(i) })
	}
	close(start)
	group.Wait()
	winners := 0
	for i, err := range errs {
		if err == nil {
			winner, winners = i, winners+1
		} else if !errors.Is(err, lost) {
			require.NoError(t, err)
		}
	}
	require.Equal(t, 1, winners)
	return winner
}
