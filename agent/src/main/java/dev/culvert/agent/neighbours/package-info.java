/**
 * Programs of others at the hooks of the mesh. Enters: a node's cgroup, the mesh's own programs.
 * Leaves: who else is there, before or behind them, and what to set so that both can be.
 */
package dev.culvert.agent.neighbours;
