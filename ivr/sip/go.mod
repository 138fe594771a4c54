module github.com/dialpay/dialpay/ivr/sip

go 1.26.0

require (
	github.com/dialpay/dialpay v0.0.0-00010101000000-000000000000
	github.com/pion/rtp v1.10.6
	github.com/stretchr/testify v1.12.1
	github.com/zaf/g711 v1.4.0
)

require (
	github.com/pion/randutil v0.1.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.41.0 // indirect
)

replace github.com/dialpay/dialpay => ../..
