/**
 * Pairs of pods that ztunnel allowed to connect without it. Enters: ztunnel's grants over a Unix
 * socket. Leaves: requests to the enrolment, which checks and writes them; a lease in the kernel
 * that runs out when nobody renews it. A thread for each connection.
 */
package dev.culvert.agent.pairs;
