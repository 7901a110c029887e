// SPDX-License-Identifier: Apache-2.0
/**
 * Culvert on an API server, from install to uninstall: on the cluster of KUBECONFIG, and on the API
 * server that the control plane's tests play. Nothing is asked that Kubernetes does not document.
 */
package dev.culvert.tests.kubernetes;
