package node

import "github.com/capsim/capsim/models/kind"

// Deploys are the [[deploy]] tables.
type Deploys []DeployConfig

// Read takes the tables.
func (d *Deploys) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeArray {
		hint := ""
		if c.Value.Type == kind.TypeTable {
			hint = "each deploy is a table [[deploy]], in two brackets"
		}
		c.Wrong("tables [[deploy]]", hint)
		return
	}
	for i, item := range c.Value.Items {
		if item.Type != kind.TypeTable {
			c.Item(i).Wrong("a table [[deploy]]", "")
			continue
		}
		var one DeployConfig
		kind.Decode(c.Item(i), &one)
		*d = append(*d, one)
	}
}

// Shape describes the tables.
func (*Deploys) Shape() kind.Shape {
	return kind.Shape{Type: "tables [[deploy]]", Table: DeployConfig{}}
}

// DeployConfig is a [[deploy]] table.
type DeployConfig struct {
	kind.Place

	Begins   kind.Duration  `key:"at" required:"yes" min:"0s" doc:"when it begins, counted from the start of the measured window; during the warm-up nothing is deployed. One that is due while an earlier one of the same node is under way begins when that has finished" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\""`
	Target   string         `key:"target" required:"yes" doc:"what is replaced: a server, a database or a cache, or, not for blue-green, an instance of it (orders.primary). A new instance is empty: caches, pools, breakers and token buckets begin anew; the data of a database is there" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\""`
	Strategy StrategyWord   `key:"strategy" default:"rolling" doc:"rolling: some instances at a time, batch of them, the next when those are back in service; of a database the replicas before their primaries. blue-green: a second set of instances boots beside the first, which costs as much again, and takes over all traffic at once when all of it is up; then the first set drains and stops; servers only. in-place: all at once, so that nobody is there until they are back: what is sent meanwhile is unavailable. An instance that a fault keeps down is not waited for" source:"https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy (RollingUpdate by default; Recreate is in-place)" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nstrategy = \"blue-green\""`
	Batch    int            `key:"batch" default:"1" min:"1" limit:"1000000" doc:"of rolling: how many instances are replaced at a time; meanwhile the others bear the load" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nbatch = 2"`
	Drain    kind.Duration  `key:"drain" default:"30s" min:"0s" doc:"how long an instance may take to finish what it has, while it gets nothing new: balancers, callers and queues know. It is stopped as soon as it has finished; what is left after that time fails as unavailable. What is sent to an instance that drains because nobody else is there is unavailable" source:"https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination (terminationGracePeriodSeconds, 30)" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\ndrain = \"10s\""`
	Boot     kind.Duration  `key:"boot" default:"0s" min:"0s" doc:"from the start of a new instance until it is in service, its first health checks included; it costs meanwhile, and is no capacity" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nstrategy = \"in-place\"\nboot = \"90s\""`
	Set      *MachineConfig `key:"set" absent:"nothing" doc:"what the new instances are that the old ones were not, by keys of the server or database: type, cores, speed, scaling, memory, network, disk, price_per_hour and, where it is limited, concurrency. The rest stays; so does the prefetch of a queue. What checks and estimates say of load and capacity is said of the instances at the start" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { cores = 8 }"`
}

// StrategyWord is the word for a strategy.
type StrategyWord string

// Words lists the strategies.
func (StrategyWord) Words() []string { return strategies }

// Strategy returns what the word stands for.
func (s StrategyWord) Strategy() Strategy {
	for i, word := range strategies {
		if word == string(s) {
			return Strategy(i)
		}
	}
	return Rolling
}

// MachineConfig is the keys of a server or a database that a deploy may
// change. They are read together with its other keys, as those are.
type MachineConfig struct {
	kind.Place

	Type         MachineType    `key:"type" absent:"as it was" doc:"a machine of a cloud; its sizes take the place of those that the old type gave, not of those that stand in the file" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { type = \"aws:m7i.4xlarge\" }"`
	Cores        int            `key:"cores" absent:"as it was" min:"1" limit:"1000000" doc:"processor cores of each instance" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { cores = 8 }"`
	Speed        kind.Factor    `key:"speed" absent:"as it was" above:"0" doc:"divides the times of cpu, disk and wait steps: of new hardware, or of new software that takes less, or more" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { speed = 0.8 }"`
	Scaling      *ScalingConfig `key:"scaling" absent:"as it was" doc:"what the cores of an instance cost each other" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { cores = 8, scaling = { contention = 0.03 } }"`
	Concurrency  int            `key:"concurrency" absent:"as it was" min:"1" limit:"1000000" doc:"workers of each instance, if their number is limited" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { concurrency = 128 }"`
	Memory       Bytes          `key:"memory" absent:"as it was" doc:"memory of each instance" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { memory = \"32GB\" }"`
	Network      Bandwidth      `key:"network" absent:"as it was" doc:"bandwidth of each instance's network interface" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { network = \"10Gbps\" }"`
	PricePerHour Price          `key:"price_per_hour" absent:"that of the new type, else as it was" doc:"what an hour of an instance costs, from the start of each new one on" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { cores = 8, price_per_hour = 0.4 }"`
	Disk         *DiskConfig    `key:"disk" absent:"as it was" doc:"what the disk of each instance can do" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nset = { disk = { iops = 6000 } }"`
}
