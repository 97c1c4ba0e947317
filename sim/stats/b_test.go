package stats
import ("testing";"math/rand/v2")
func BenchmarkQRecord(b *testing.B){ var h Histogram; r:=rand.New(rand.NewPCG(1,2)); v:=make([]int64,4096); for i:=range v {v[i]=int64(r.ExpFloat64()*1e7)}; i:=0; for b.Loop(){ h.Record(v[i&4095]); i++ } }
func BenchmarkQProd(b *testing.B){ var s Sum128; i:=uint64(0); for b.Loop(){ s.AddProduct(i,i); i++ } }
