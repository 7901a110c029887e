/**
 * Which pods of this node are in the mesh. Enters: the resources of the source, and ztunnel's
 * acknowledgements. Leaves: steps in the kernel and announcements, in an order that never lets a
 * pod's connections pass unseen. Decisions are pure; all else happens on the thread "enrolment".
 */
package dev.culvert.agent.enroll;
