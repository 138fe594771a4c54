// Benchtable measures what dialpay promises about its cost in memory and in time, and prints one table. It exits with 1
// when a promise is broken.
package main

import (
	"os"

	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/internal/happycall"
)

func main() {
	if os.Getenv(webhookServer) != "" {
		serveWebhooks()
		return
	}
	call := happycall.Record(&bench.Stopper{})
	rows := stepRows(call)
	rows = append(rows, parkedRows(call)...)
	rows = append(rows, flatRow(call))
	rows = append(rows, simulatedRows()...)
	rows = append(rows, webhookRows()...)
	bench.Print(rows)
}
