/** The culvert command from outside: arguments in, exit code and one clear line out. */
package dev.culvert.tests.command;
