/** `docs/server-logs.md`: what is read from the logs of each server. */
import { exampleLogs } from '../../run/server-logs/example-logs.ts'
import type { LineMessage } from '../../run/server-logs/log-line.ts'
import { serverFormats } from '../../run/server-logs/server-formats.ts'
import type { ServerName } from '../../run/server-logs/server-formats.ts'
import { createLineParser } from '../../run/server-logs/server-log.ts'

const pageHead = `# Servers whose logs are read

Made by \`npm run documents\` from \`harness/run/server-logs/\`; a test fails when it is not.

The logs of the workload's containers are followed, and each line is read by what it looks like: nothing has to be configured in
nodrop. A line reports a moment of its container, or a request:

- A moment was when the container runtime stamped the line, whatever time the server itself wrote into it.
- A line of an access log counts only when it has the request's \`x-request-id\`, its status and its duration: without the id it cannot
  be joined with what the client saw, and is passed over.

A server that is not listed is measured all the same: clients see refusals and resets, and the cluster reports signals and exits.
`

export function renderServerLogsPage(): string {
  const names = Object.keys(serverFormats) as ServerName[]
  return pageHead + names.map(renderServer).join('')
}

function renderServer(name: ServerName): string {
  const { format, requests } = serverFormats[name]
  const parse = createLineParser()
  const rows = exampleLogs[name].map(
    (line) => `| \`${line.replaceAll('|', '\\|')}\` | ${formatMessage(parse(line))} |\n`,
  )
  return `
## ${name}

- Moments: ${format}.
- Requests: ${requests}

| a log | tells |
|---|---|
${rows.join('')}`
}

function formatMessage(message: LineMessage | null): string {
  if (message === null) return ''
  if ('id' in message) return `request \`${message.id}\`: status ${message.status} after ${message.tookUs / 1_000} ms`
  const moments = [message].flat().map(({ moment, detail }) => (detail === null ? moment : `${moment} (${detail})`))
  return moments.join(', ')
}
