/**
 * The kernel's side of enrolment. Enters: programs from the class path, pods by network namespace.
 * Leaves: links and maps pinned under one folder, which outlive this process and are taken over by
 * the next. One thread at a time.
 */
package dev.culvert.agent.redirect;
