package theory
import ("testing";"time")
func TestZZ(t *testing.T){
 for _,c:=range []struct{k int;r float64;x []int}{{2,.95,[]int{-10,0,30}},{3,.95,[]int{-4,0,8}},{4,.8,[]int{0}},{4,.95,[]int{-4,-2,0,2,4}}}{
  for _,x:=range c.x { xw=x; t0:=time.Now(); q,err:=NewJSQ(c.k,float64(c.k)*c.r,1); if err!=nil{t.Fatal(err)}
  t.Logf("%d %v %d %.12g p99 %.9g %v",c.k,c.r,x,q.ResponseMean(),q.ResponseQuantile(.99),time.Since(t0)) }
 }
}
