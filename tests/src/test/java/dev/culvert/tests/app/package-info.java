/**
 * Test applications: sockets made in a pod's network namespace and in its node's cgroup, as an
 * app's own would be, and what the apps say over them. Connections block; each served connection
 * has a virtual thread.
 */
package dev.culvert.tests.app;
