package sqlitestore

// What the tests look at from outside.
var (
	Dialect = dialect
	Source  = source
	TooOld  = tooOld
)
