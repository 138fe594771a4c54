package riverwake_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/dialpay/dialpay/flow/riverwake"
	"github.com/dialpay/dialpay/internal/pgtest"
)

// told is a sweeper that tells when it was woken; yours is a flow.Engine.
type told chan struct{}

func (c told) Sweep(context.Context, int) (int, error) {
	select {
	case c <- struct{}{}:
	default:
	}
	return 0, nil
}

// A sweeper is woken when River has begun, and then every five seconds by itself.
func Example() {
	ctx := context.Background()
	swept := make(told, 1)
	url := os.Getenv(pgtest.Env) // such as postgres://dialpay@db1,db2/calls?sslmode=verify-full
	w, err := riverwake.Open(ctx, url, swept, riverwake.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-swept
	fmt.Println("swept")
	fmt.Println(w.Wake(ctx, time.Now().Add(10*time.Minute)))
	fmt.Println(w.Close(ctx))
	// Output:
	// swept
	// <nil>
	// <nil>
}
