module github.com/dialpay/dialpay/flow/storetest

go 1.25.0

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/dialpay/dialpay v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/looplab/fsm v1.0.3 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.41.0 // indirect
)

replace github.com/dialpay/dialpay => ../..
