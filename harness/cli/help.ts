/** The text of `nodrop --help` below the list of commands. `reports`: the folder of measurements, by its local name. */
export function formatExamples(reports: string): string {
  return `
Examples:
  nodrop run                                   the six shipped configurations through a rolling restart
  nodrop run --scenario eviction --config graceful --rounds 10
  nodrop run --scenarios ./scenarios --scenario mine    a scenario of your own: steps, see docs/scenarios.md
  nodrop run --config graceful --gate 'lost<=3' --gate 'p99Ms{phase:during}<250ms'    gates: see docs/configuration.md
  nodrop run --config naive,graceful --json | jq '.rows[] | {configuration, lost}'
  nodrop run --cluster kubeconfig --context staging --image-registry registry.example/team
  nodrop run deployment/shop -n shop --context staging -- kubectl --context staging rollout restart deployment/shop -n shop
  nodrop watch deployment/shop -n shop --context staging --rate 20 --for 2h   disruptions come from outside
  nodrop init deployment/shop -n shop --context staging && nodrop run --dry-run
  nodrop report ${reports}/runs/20261124-120000   judge a finished or interrupted comparison again, from its logs alone
  nodrop baseline save && nodrop run --rounds 10 --baseline ${reports}/baselines/baseline.json   exit 1 when worse (docs/nightly.md)
  nodrop up && kubectl --kubeconfig ${reports}/cluster/local/kubeconfig get pods -A

Exit codes:
  0  every gate was kept          3  the environment cannot run it (see nodrop doctor)
  1  one was not                  4  unknown: evidence or a planned run is missing
  2  bad usage or plan            130  interrupted, report written
Without gates a demonstration must show what it is there for; of any other configuration no request may be lost.`
}
