// Reads a Jenkinsfile with Groovy's own compiler and prints its blocks as JSON: [{name, values, blocks}, …].
import groovy.json.JsonOutput
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.control.CompilePhase

def value(expression) {
    switch (expression) {
        case ConstantExpression: return expression.value
        case MapExpression: return expression.mapEntryExpressions.collectEntries { [value(it.keyExpression), value(it.valueExpression)] }
        case ListExpression: return expression.expressions.collect { value(it) }
        case TupleExpression: return expression.expressions.collect { value(it) }
        case VariableExpression: return expression.name
        case MethodCallExpression: return [(expression.methodAsString): value(expression.arguments)]
        default: throw new IllegalArgumentException("${expression.class.simpleName} at line ${expression.lineNumber}")
    }
}

def blocks(statement) {
    switch (statement) {
        case BlockStatement: return statement.statements.collectMany { blocks(it) }
        case ReturnStatement:
        case ExpressionStatement:
            def call = statement.expression
            if (call instanceof VariableExpression || call instanceof ConstantExpression) return []
            def (inside, plain) = call.arguments.expressions.split { it instanceof ClosureExpression }
            return [[name: call.methodAsString, values: plain.collect { value(it) }, blocks: inside.collectMany { blocks(it.code) }]]
        default: throw new IllegalArgumentException("${statement.class.simpleName} at line ${statement.lineNumber}")
    }
}

def script = new AstBuilder().buildFromString(CompilePhase.CONVERSION, false, new File(args[0]).text)
println JsonOutput.toJson(blocks(script[0]))
