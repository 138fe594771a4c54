module github.com/dialpay/dialpay/ivr/sip

go 1.26.0

require (
	github.com/stretchr/testify v1.12.1
	github.com/zaf/g711 v1.4.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/dialpay/dialpay => ../..
