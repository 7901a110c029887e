/**
 * What ztunnel is told of this node's pods. Enters: pods with their network namespace, to announce
 * or to withdraw, from any thread. Leaves: acknowledgements as futures, completed on the thread of
 * the ztunnel connection that brought them, one platform thread per connection.
 */
package dev.culvert.agent.zds;
