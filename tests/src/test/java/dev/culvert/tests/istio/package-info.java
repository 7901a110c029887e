/**
 * Istio's surroundings for our ztunnel: what plays istiod and istio-cni, and a container as the
 * chart's DaemonSet makes it.
 */
package dev.culvert.tests.istio;
