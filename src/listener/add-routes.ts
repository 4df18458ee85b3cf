import type { FastifyInstance, HTTPMethods } from 'fastify';
import { errorAnswer, NO_SUCH_ROUTE } from './answers.ts';
import type { Exchange } from './exchange.ts';
import type { Route } from '../kit/incoming.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const satisfies HTTPMethods[];

/** Adds routes to a server, and an answer for every other method and address. */
export function addRoutes(app: FastifyInstance, routes: readonly Route[], exchange: Exchange): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyLimit,
      onRequest: (request, reply) => exchange.admit(request, reply, route),
      handler: (request, reply) => exchange.handle(request, reply, route),
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method);
    const answer = errorAnswer(405, 'invalid', `this address takes ${allowed.join(', ')}`, {
      headers: { allow: allowed.join(', ') },
    });
    const method = METHODS.filter((one) => !allowed.some((own) => own === one));
    app.route({
      method,
      url: path,
      onRequest: (request, reply) => exchange.answer(request, reply, answer, path),
      handler: (_request, reply) => reply,
    });
  }
  app.setNotFoundHandler((request, reply) => exchange.answer(request, reply, NO_SUCH_ROUTE, 'none'));
  app.setErrorHandler((error, request, reply) => exchange.fail(request, reply, error));
}
