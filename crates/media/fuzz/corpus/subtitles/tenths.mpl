[10][25]/Somewhere a door|closes.
[30][40]- Who is there?|- Nobody & no-one.
[600][620]Tom > Jerry
