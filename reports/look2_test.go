package reports
import ("testing";"os";"encoding/json";"github.com/capsim/capsim/internal/result")
func TestLookHTML(t *testing.T){
 for _,n:=range []string{"result","single","hostile","comparison"}{
  b,_:=os.ReadFile("testdata/"+n+".json"); f,_:=os.Create("/tmp/gen/"+n+".html")
  if n=="comparison"{ var c result.Comparison; json.Unmarshal(b,&c)
   if e:=ComparisonHTML(f,&c);e!=nil{t.Fatal(e)}
  } else { var r result.Result; json.Unmarshal(b,&r)
   if e:=HTML(f,&r);e!=nil{t.Fatal(e)} }
  f.Close()
 }
}
