// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.wire.workload.PortList;

/**
 * An endpoint that is no pod.
 *
 * @param service the name on the wire of the service it is behind
 */
record SliceEndpoint(
    EndpointSliceResource slice, Endpoint endpoint, String service, PortList ports) {}
