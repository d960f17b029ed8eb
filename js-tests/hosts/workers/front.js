// Stands between the client and the Worker, as Cloudflare does: when the client goes, it cancels the Worker's request.
// (workerd by itself goes on with a request whose client has hung up.) The client stays as long as its request's body.
export default {
  async fetch(request, { WORKER }) {
    const client = new AbortController();
    request.body.pipeTo(new WritableStream()).then(
      () => client.abort(),
      () => client.abort(),
    );
    try {
      return await WORKER.fetch(request.url, { signal: client.signal });
    } catch (error) {
      return new Response(String(error), { status: 499 });
    }
  },
};
