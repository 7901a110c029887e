/**
 * Where root asks the agent. Enters: one line of text for each connection to a Unix socket. Leaves:
 * lines of text, then the end. Each request is answered on a thread of its own; what it asks for
 * must be safe to call from any.
 */
package dev.culvert.agent.cni;
