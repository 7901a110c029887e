/**
 * The agent's word on pods. Enters: packets of ZDS with a network namespace each. Leaves: pods that
 * came and went, and an acknowledgement of each message. One thread.
 */
package dev.culvert.ztunnel.zds;
