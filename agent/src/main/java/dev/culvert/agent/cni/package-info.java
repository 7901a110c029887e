/**
 * Where root asks the agent, and where the CNI plugin calls. Enters: one line of text, or one call,
 * for each connection to a Unix socket. Leaves: lines of text, then the end. Each is answered on a
 * thread of its own; what it asks for must be safe to call from any.
 */
package dev.culvert.agent.cni;
