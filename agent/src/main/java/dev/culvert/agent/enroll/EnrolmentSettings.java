// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What enrolment is told.
 *
 * @param node whose pods these are
 * @param ztunnelPatience how long a new pod waits for ztunnel before its connections are refused
 * @param cniSocket of the plugin; the list of enrolled namespaces is kept beside it
 * @param cniPatience how long the start of a pod waits for the mesh
 */
public record EnrolmentSettings(
    String node, Duration ztunnelPatience, Path cniSocket, Duration cniPatience) {}
