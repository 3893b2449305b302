const http = require('node:http')

const server = http.createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok\n')
  setTimeout(() => response.end('hello\n'), 20)
})
server.listen(3000)

process.on('SIGTERM', () => server.close())
