// Package mutants breaks the rules of the money protocol one by one, in a copy of the source that only its tests build,
// and looks that the simulator of package flowtest sees each broken rule within a stated number of calls. The rules are
// those of docs/model, where each has a mutant of the model as well.
package mutants
