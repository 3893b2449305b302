/** What `nodrop capacity --help` says of the method, which is that of capacity/knee.ts. */
export const capacityMethod: string = `
How: the configuration is deployed and nothing disrupts it. The driver of nodrop run sends an open loop, from the instant a
request is due on, at a low rate for a base (after a warm-up at the same rate), then at rates that rise by half until p99 is
twice the base's or more; then the interval is halved until its ends are 12 % apart. Each step lasts 3 s or 300 requests,
after a second in which nothing counts. A step that looks too slow is taken again, and the better one counts. Lost requests
count as infinitely slow. Where the driver is late the step says nothing, and the search ends. About a minute for each.

The result is kept: nodrop run of the same workload on the same cluster and machine warns when it is asked for more than half.`
