/** Servers as their users run them: images below apps/servers/, objects in manifests/servers/. */

export interface ForeignServer {
  /** The name of its folder, its image, its manifest and its Deployment. */
  name: string
  title: string
  /** Its reaction to its stop signal, by its documentation. */
  stops: string
  /** Names of servers that its report may mention. */
  mentions: readonly string[]
  /** Further images besides its own. */
  behind?: readonly string[]
}

export const foreignServers: readonly ForeignServer[] = [
  {
    name: 'node-plain',
    title: 'Node, `http` without a handler',
    stops:
      'nothing: PID 1 is not ended by a signal that it does not handle; it is killed when the grace period is used up',
    mentions: [],
  },
  {
    name: 'node-close',
    title: 'Node, `server.close()`',
    stops: 'closes its listener and idle connections, answers what is under way',
    mentions: [],
  },
  {
    name: 'go-shutdown',
    title: 'Go, `http.Server.Shutdown`',
    stops: 'closes its listener, then idle connections, and waits for those that are active',
    mentions: [],
  },
  {
    name: 'uvicorn',
    title: 'uvicorn',
    stops: 'closes its listener and idle connections, answers what is under way',
    mentions: [],
  },
  {
    name: 'apache-prefork',
    title: 'Apache, prefork',
    stops: 'on WINCH closes its listeners; a child ends after the request that it serves',
    mentions: [],
  },
  {
    name: 'haproxy',
    title: 'HAProxy in front of Node with `server.close()`',
    stops: 'on USR1 closes its listeners and answers what is under way; the server behind it stops at the same time',
    mentions: [],
    behind: ['node-close'],
  },
  {
    name: 'nginx-static',
    title: 'nginx, static files',
    stops: 'on QUIT closes its listeners and idle connections, answers what is under way',
    mentions: ['nginx'],
  },
  {
    name: 'java-httpserver',
    title: 'Java, `com.sun.net.httpserver` with a shutdown hook',
    stops: 'closes its listener, answers what is under way for up to 5 s, then closes all connections',
    mentions: [],
  },
]

/** `plain`: as its users write it; `graceful`: every container first sleeps longer than the update of the endpoints takes. */
export type ServerVariant = (typeof serverVariants)[number]
export const serverVariants = ['plain', 'graceful'] as const

export const gracefulSleepSeconds = 3

export interface ServerPlay {
  server: ForeignServer
  variant: ServerVariant
}

/** `node-close`, or `node-close × graceful`. */
export function formatServerPlay({ server, variant }: ServerPlay): string {
  return variant === 'plain' ? server.name : `${server.name} × ${variant}`
}

/** Every server in every variant, or those with these names, in the order of the list. */
export function selectServerPlays(names: readonly string[] | undefined): ServerPlay[] {
  return foreignServers
    .flatMap((server) => serverVariants.map((variant): ServerPlay => ({ server, variant })))
    .filter((play) => names?.includes(formatServerPlay(play)) ?? true)
}
