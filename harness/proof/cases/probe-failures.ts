/** What counts as a failed probe, and the text of its Event. */
import type { V1Probe } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { waitForEvents } from '../stage/events.ts'
import { matchesPattern } from '../stage/expectation.ts'
import { buildContainer, createPod, idleScript, buildPodSpec } from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'

/** The text of the Event for a readiness probe that fails. */
async function observeProbeMessage(scene: CaseContext, probe: Partial<V1Probe>, script: string): Promise<Observations> {
  const spec = buildContainer('main', script, { readinessProbe: { periodSeconds: 1, ...probe } })
  await createPod(scene, 'one', buildPodSpec([spec], { terminationGracePeriodSeconds: 1 }))
  const told = await waitForEvents(scene, 'one', 'Unhealthy')
  return { type: told[0]?.type ?? null, messages: told.map(({ message = '' }) => message) }
}

const serverProgram = `import http.server
class Handler(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    self.send_response(503)
    self.end_headers()
    self.wfile.write(b'not yet')
  def log_message(self, *_): pass
http.server.HTTPServer(('', 8080), Handler).serve_forever()`

export const probeFailures: Topic = {
  topic: 'Failed probes',
  cases: [
    {
      name: 'probe-http-status',
      claim: 'An HTTP probe fails with any status from 400 on, and the Event says which.',
      source: pages.probes,
      observe: (scene) =>
        observeProbeMessage(
          scene,
          { httpGet: { path: '/', port: 8080 }, initialDelaySeconds: 2 },
          `exec python3 -c "${serverProgram}"`,
        ),
      expected: { type: 'Warning', messages: ['Readiness probe failed: HTTP probe failed with statuscode: 503'] },
    },
    {
      name: 'probe-tcp-refused',
      claim: 'A TCP probe fails on a port on which no process listens.',
      source: pages.probes,
      observe: (scene) => observeProbeMessage(scene, { tcpSocket: { port: 8099 } }, idleScript),
      expected: {
        type: 'Warning',
        messages: [matchesPattern(/^Readiness probe failed: dial tcp [\d.]+:8099: connect: connection refused$/)],
      },
    },
    {
      name: 'probe-exec-output',
      claim: 'An exec probe fails with any exit code but 0, and the Event has its output.',
      source: pages.probes,
      observe: (scene) =>
        observeProbeMessage(scene, { exec: { command: ['bash', '-c', 'echo broken; exit 2'] } }, idleScript),
      expected: { type: 'Warning', messages: [matchesPattern(/^Readiness probe failed: broken\s*$/)] },
    },
    {
      name: 'probe-exec-timeout',
      claim: 'An exec probe that takes longer than timeoutSeconds fails.',
      source: pages.probes,
      observe: (scene) =>
        observeProbeMessage(scene, { exec: { command: ['sleep', '20'] }, timeoutSeconds: 1 }, idleScript),
      expected: {
        type: 'Warning',
        messages: [matchesPattern(/^Readiness probe failed: command timed out: "sleep 20" timed out after 1s$/)],
      },
    },
  ],
}
